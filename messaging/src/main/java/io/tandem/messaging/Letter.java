package io.tandem.messaging;

import java.util.Map;

/** A message that was received and that nobody else gets, until whoever has it says what became of it. Thread-safe. */
public interface Letter {

    /** What it says, a text. */
    String text();

    /** What stands beside it. */
    Map<String, String> properties();

    /** Deliveries before this one that came to nothing. */
    int failures();

    /** It was dealt with; once. */
    void accept();

    /** It was not, and counts as a failure; it is delivered again. Once. */
    void fail();

    /** It was not, which says nothing of it; somebody else gets it. Once. */
    void release();
}
