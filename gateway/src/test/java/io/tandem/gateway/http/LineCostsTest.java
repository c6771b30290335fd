package io.tandem.gateway.http;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LineCostsTest {

    private final LineCosts costs = new LineCosts();

    @Test
    void asManyBeginAsCanBePaid() {
        assertTrue(costs.mayBegin(Long.MAX_VALUE, 63), "there is no limit");
        assertTrue(costs.mayBegin(3000, 2));
        assertFalse(costs.mayBegin(3000, 3), "four of a thousand tokens are too many");
        for (int i = 0; i < 200; i++) {
            costs.add(100);
        }
        assertTrue(costs.mayBegin(3000, 28));
        assertFalse(costs.mayBegin(3000, 30));
    }

    @Test
    void oneBeginsWhileAnythingIsLeftAndNoneInDebt() {
        assertTrue(costs.mayBegin(1, 0));
        assertFalse(costs.mayBegin(1, 1));
        assertFalse(costs.mayBegin(0, 0));
    }
}
