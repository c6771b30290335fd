package io.tandem.gateway.openai;

import io.tandem.gateway.documents.Attachments;

/**
 * Where a request gets from what it only names.
 *
 * @param remotePictures asked when nothing else is wrong with it
 * @param files that its owner has uploaded, and what comes with it
 */
public record Sources(RemotePictures remotePictures, Attachments files) {}
