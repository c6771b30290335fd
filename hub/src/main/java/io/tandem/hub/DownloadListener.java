package io.tandem.hub;

/** Hears how a download goes, from several threads. */
interface DownloadListener {

    /**
     * Several files are going to be downloaded.
     *
     * @param files how many
     * @param bytes of all of them, some of which may be there from an earlier attempt
     */
    void planned(int files, long bytes);

    /**
     * A file's download begins.
     *
     * @param already bytes that are there from an earlier attempt
     */
    void started(RemoteFile file, long already);

    /** Bytes of a file have come; a negative number if it starts over. */
    void received(long bytes);

    /** A file is there, and checked; this process downloaded it, or another that it waited for. */
    void finished(RemoteFile file);

    /** Something else that a user should know. */
    void note(String line);
}
