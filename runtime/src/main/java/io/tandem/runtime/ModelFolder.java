package io.tandem.runtime;

import java.nio.file.Path;

/**
 * Where the checkpoint of this process lies.
 *
 * @param name what it is called
 * @param path folder with its files
 */
public record ModelFolder(String name, Path path) {}
