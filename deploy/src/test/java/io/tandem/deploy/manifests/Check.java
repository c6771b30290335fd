package io.tandem.deploy.manifests;

import java.util.List;

/** One rule that manifests keep. */
@FunctionalInterface
interface Check {

    /** What breaks it, a line each; empty when nothing does. */
    List<String> findings(Cluster cluster);
}
