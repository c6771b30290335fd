package io.tandem.hub;

/**
 * A file of a repository as the hub describes it.
 *
 * @param name in the repository's top folder
 * @param size in bytes
 * @param id what its content is known by
 */
record RemoteFile(String name, long size, BlobId id) {}
