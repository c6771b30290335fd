package io.tandem.deploy.split;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * All processes of the split mode, and how their number changes. Guarded by itself where it changes; commands come from one thread, the
 * end from the JVM's.
 */
final class Crew {

    /** What an orderly end of a role may take: its drain, and a while. */
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(45);

    private final Launches launches;
    private final AddressFiles addresses;
    private final Output output;
    private final int gatewayPort;
    private final Map<Role, List<Member>> members = new EnumMap<>(Role.class);
    private final Map<Role, Integer> lastNumbers = new EnumMap<>(Role.class);
    private boolean ending;

    /** @param gatewayPort the one that users know */
    Crew(Launches launches, AddressFiles addresses, Output output, int gatewayPort) {
        this.launches = launches;
        this.addresses = addresses;
        this.output = output;
        this.gatewayPort = gatewayPort;
        for (Role role : Role.values()) {
            members.put(role, new ArrayList<>());
        }
    }

    /** Starts one more, wherever there is room. */
    Member add(Role role) {
        return add(role, role == Role.GATEWAY ? new Ports(gatewayPort, gatewayPort) : Ports.free());
    }

    /** One that has come to serve is told to the gateway, whose health checks see to the rest. */
    void await(Role role, Member member) {
        try {
            member.firstReady().join();
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof IllegalStateException known ? known : failed;
        }
        addresses.add(role, member.ports().address());
    }

    /** Starts or ends as many as it takes. */
    void resize(Role role, int wanted) {
        List<Member> present = of(role);
        if (wanted < present.size()) {
            present.subList(wanted, present.size()).forEach(member -> retire(role, member));
            return;
        }
        List<Member> added = new ArrayList<>();
        for (int i = present.size(); i < wanted; i++) {
            added.add(add(role));
        }
        added.forEach(member -> await(role, member));
    }

    /**
     * Replaces the processes of a role one after the other. Of services the new one serves before the old one ends, so that nobody
     * notices; nodes of the cache, broker and gateway have one address each, and are away for a moment.
     */
    void restart(Role role) {
        for (Member old : of(role)) {
            if (role.isService()) {
                Member replacement = add(role);
                await(role, replacement);
                retire(role, old);
            } else {
                retire(role, old);
                await(role, add(role, old.ports()));
            }
        }
    }

    /** Those of a role, in the order of their start. */
    synchronized List<Member> of(Role role) {
        return List.copyOf(members.get(role));
    }

    /** Ends all, each role after those that need it. */
    void end() {
        synchronized (this) {
            ending = true;
        }
        for (Role role : List.of(Role.values()).reversed()) {
            List<CompletableFuture<Void>> ends =
                    of(role).stream().map(Member::stop).toList();
            if (!over(CompletableFuture.allOf(ends.toArray(CompletableFuture<?>[]::new)))) {
                output.say("The %s role did not end within %s and is killed".formatted(role.label(), STOP_PATIENCE));
                of(role).forEach(Member::kill);
            }
        }
    }

    /** Starts one more, which listens there. */
    synchronized Member add(Role role, Ports ports) {
        if (ending) {
            throw new IllegalStateException("all roles are being ended");
        }
        int number = lastNumbers.merge(role, 1, Integer::sum);
        Member member = new Member(role.label() + "-" + number, ports, chosen -> launches.of(role, chosen), output);
        members.get(role).add(member);
        member.start();
        return member;
    }

    private void retire(Role role, Member member) {
        addresses.remove(role, member.ports().address());
        if (!over(member.stop())) {
            output.say("%s did not end within %s and is killed".formatted(member.name(), STOP_PATIENCE));
            member.kill();
        }
        synchronized (this) {
            members.get(role).remove(member);
        }
        output.say(member.name() + " has ended");
    }

    private static boolean over(CompletableFuture<Void> end) {
        try {
            end.get(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException late) {
            return false;
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException impossible) {
            throw new IllegalStateException("the end of a process has no failure", impossible);
        }
    }
}
