package io.tandem.engine.cpu;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Native memory that Linux is asked to back with huge pages: weights are read from end to end at every step, and with pages
 * of 4 KB a quarter of the bandwidth is lost. On other systems, and in a JVM that may not call native code, it is plain memory.
 */
final class HugePages {

    /** Size and alignment of a huge page on the machines we run on. */
    private static final long PAGE = 2L << 20;

    /** {@code PROT_READ | PROT_WRITE}, {@code MAP_PRIVATE | MAP_ANONYMOUS}, {@code MADV_HUGEPAGE}: as Linux has them. */
    private static final int READ_WRITE = 3;

    private static final int PRIVATE_ANONYMOUS = 0x22;
    private static final int ADVICE = 14;
    private static final long FAILED = -1;

    private static final boolean AVAILABLE = System.getProperty("os.name").equals("Linux")
            && HugePages.class.getModule().isNativeAccessEnabled();

    private HugePages() {}

    /** Memory of zeros, taken from the system when it is first written, that lives as long as {@code arena}. */
    static MemorySegment allocate(Arena arena, long bytes) {
        if (!AVAILABLE || bytes < PAGE) {
            return arena.allocate(bytes, NativeBuffer.ALIGNMENT);
        }
        try {
            return map(arena, bytes);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("memory can't be mapped", e);
        }
    }

    private static MemorySegment map(Arena arena, long bytes) throws Throwable {
        long length = bytes + PAGE;
        MemorySegment mapped = (MemorySegment)
                Linux.MAP.invokeExact(MemorySegment.NULL, length, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0L);
        if (mapped.address() == FAILED) {
            throw new OutOfMemoryError("the system has no " + bytes + " bytes of memory for weights or states");
        }
        MemorySegment owned = mapped.reinterpret(length, arena, HugePages::unmap);
        MemorySegment aligned = owned.asSlice(Math.ceilDiv(owned.address(), PAGE) * PAGE - owned.address(), bytes);
        // What it answers makes no difference: it is advice, and the memory is good without it.
        int ignored = (int) Linux.ADVISE.invokeExact(aligned, bytes, ADVICE);
        return aligned;
    }

    private static void unmap(MemorySegment memory) {
        try {
            int result = (int) Linux.UNMAP.invokeExact(memory, memory.byteSize());
            if (result != 0) {
                throw new IllegalStateException("memory can't be unmapped: " + memory);
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("memory can't be unmapped", e);
        }
    }

    /** The three calls; a class of its own so that they are looked up only where they exist. */
    private static final class Linux {

        static final MethodHandle MAP = function(
                "mmap", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
        static final MethodHandle UNMAP = function("munmap", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));
        static final MethodHandle ADVISE =
                function("madvise", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

        private static MethodHandle function(String name, FunctionDescriptor descriptor) {
            Linker linker = Linker.nativeLinker();
            return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
        }
    }
}
