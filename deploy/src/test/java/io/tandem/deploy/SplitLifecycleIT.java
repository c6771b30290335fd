package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How roles as processes of their own come to an end, as an operator sees it. */
class SplitLifecycleIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    void killedSupervisorLeavesNothingBehind() {
        List<ProcessHandle> roles;
        try (SplitProcess split = SplitProcess.start("split-orphans", "--decoders", "1")) {
            roles = split.supervisor().descendants();
            assertEquals(6, roles.size(), roles.toString());
            split.supervisor().kill();
            Eventually.holds(PATIENCE, "over: what a killed supervisor leaves behind", () -> roles.stream()
                    .noneMatch(ProcessHandle::isAlive));
        }
    }
}
