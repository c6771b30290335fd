package io.tandem.engine.golden;

import io.tandem.engine.runner.MemoryForm;

/** The same answers with every text kept as states that are attended to as they are. */
class ReferenceAbsorbedGoldenTest extends ReferenceGoldenTest {

    @Override
    protected MemoryForm form() {
        return MemoryForm.ABSORBED;
    }
}
