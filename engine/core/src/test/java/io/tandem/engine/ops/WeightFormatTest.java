package io.tandem.engine.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class WeightFormatTest {

    @Test
    void isSelectedByName() {
        assertEquals(WeightFormat.STORED, WeightFormat.named("stored"));
        assertEquals(WeightFormat.INT8, WeightFormat.named("int8"));
    }

    @Test
    void namesTheSettingWhenThereIsNone() {
        assertEquals(
                "tandem.engine.weights is \"int4\", must be one of stored, int8",
                assertThrows(IllegalArgumentException.class, () -> WeightFormat.named("int4"))
                        .getMessage());
    }
}
