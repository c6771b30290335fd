package io.tandem.engine.cpu;

import io.tandem.engine.runner.MemoryForm;

/** The same answers with every text kept as states that are attended to as they are. */
class CpuAbsorbedGoldenTest extends CpuGoldenTest {

    @Override
    protected MemoryForm form() {
        return MemoryForm.ABSORBED;
    }
}
