package io.tandem.gateway.config;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;

/** Settings of uploaded files. */
@ConfigMapping(prefix = "tandem.gateway.files")
public interface FilesConfig {

    /** Folder that holds them, made when it is needed. Several gateways on one file system may share it. */
    @WithDefault("${user.home}/.local/state/tandem/files")
    Path path();

    /** Largest file; 413 above. */
    @WithDefault("64M")
    MemorySize maxFileSize();

    /** Bytes of all files of one name's keys; 413 above. */
    @WithDefault("4G")
    MemorySize maxTotalSize();

    /** Files of one name's keys; 413 above. */
    @WithDefault("10000")
    int maxFiles();

    /** Files that are being uploaded at the same time; 429 above. */
    @WithDefault("16")
    int maxUploads();

    /** Longest time in which nothing of an upload arrives. */
    @WithDefault("30S")
    Duration idleTimeout();

    /** Time between two looks for files that have expired. */
    @WithDefault("10M")
    Duration sweep();

    /** Documents that are encoded in the background at the same time. */
    @WithDefault("2")
    int workers();

    /** How text is taken out of documents. */
    Extraction extraction();

    /** Bounds of reading one document, each in a process of its own. */
    interface Extraction {
        /** Documents that are read at the same time, for uploads and chats together. */
        @WithDefault("2")
        int parallel();

        /** Longest time. */
        @WithDefault("60S")
        Duration timeout();

        /** Heap of the process that reads it. */
        @WithDefault("256M")
        MemorySize memory();

        /** Pages of a PDF. */
        @WithDefault("5000")
        int maxPages();

        /** Characters of its text. */
        @WithDefault("4000000")
        int maxCharacters();
    }
}
