package io.tandem.engine.checkpoint;

/**
 * One tensor as the header of a safetensors file describes it.
 *
 * @param name the name in the file
 * @param dtype the format's name for the numbers, such as {@code F32}
 * @param shape dimensions, outermost first; not to be written to
 * @param begin first byte, counted from the end of the header
 * @param end byte after the last
 */
record SafetensorsEntry(String name, String dtype, int[] shape, long begin, long end) {}
