package io.tandem.gateway.openai;

/**
 * What every piece of one answer repeats.
 *
 * @param id chatcmpl-... or cmpl-...
 * @param created seconds since 1970
 * @param model the name that the client used
 * @param systemFingerprint of weights and backend
 */
record Identity(String id, long created, String model, String systemFingerprint) {}
