package io.tandem.deploy.manifests;

import com.fasterxml.jackson.databind.JsonNode;
import io.tandem.cache.ByteSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The Infinispan servers hold the cache that the services expect, within the memory that they get. */
final class CacheServer implements Check {

    private static final Pattern DECLARED = Pattern.compile("(?s)<distributed-cache.*</distributed-cache>");
    private static final Pattern MAX_SIZE = Pattern.compile("max-size=\"(\\d+[KMG])B\"");

    @Override
    public List<String> findings(Cluster cluster) {
        List<String> findings = new ArrayList<>();
        String xml = cluster.find("ConfigMap", "tandem-cache")
                .map(map -> map.path("data").path("infinispan.xml").asText())
                .orElse("");
        String reference = Kustomization.read(Cluster.ROOT.resolve("cache/server/infinispan.xml"));
        if (!declared(xml).equals(declared(reference))) {
            findings.add("infinispan.xml declares another cache than cache/server/infinispan.xml: " + declared(xml));
        }
        Map<String, String> services = cluster.environment(cluster.workload(Roles.DECODER));
        String name = services.getOrDefault("TANDEM_CACHE_NAME", "tandem-states");
        if (!xml.contains("<distributed-cache name=\"" + name + "\"")) {
            findings.add("services use the cache " + name + ", which infinispan.xml has not");
        }
        Matcher size = MAX_SIZE.matcher(xml);
        String bound = size.find() ? size.group(1) : "none";
        if (!bound.equals(services.get("TANDEM_CACHE_MAX_SIZE"))) {
            findings.add("infinispan.xml bounds each server to " + bound + ", services count on "
                    + services.get("TANDEM_CACHE_MAX_SIZE"));
        } else {
            memory(cluster.workload(Roles.CACHE), ByteSize.parse(bound).bytes(), findings);
        }
        ports(cluster.workload(Roles.CACHE), xml, findings);
        return findings;
    }

    /** Heap, entries, and half a gigabyte for the rest of the JVM. */
    private static void memory(Workload cache, long entries, List<String> findings) {
        String limit = cache.container().at("/resources/limits/memory").asText();
        Matcher heap = Pattern.compile("-Xmx(\\d+)m").matcher(cache.container().toString());
        long heapBytes = heap.find() ? Long.parseLong(heap.group(1)) << 20 : Long.MAX_VALUE / 2;
        if (ByteSize.parse(limit.replace("i", "")).bytes() < entries + heapBytes + (512 << 20)) {
            findings.add("a server has " + limit + ", entries and heap need " + (entries + heapBytes >> 20) + " MiB");
        }
    }

    private static void ports(Workload cache, String xml, List<String> findings) {
        JsonNode probe = cache.container().at("/readinessProbe/httpGet/port");
        if (!xml.contains("port=\"" + cache.port(probe).orElse(-1) + "\"")) {
            findings.add("infinispan.xml has another port than the one that is probed");
        }
    }

    /** Without comments, white space and the bound, which is everybody's own. */
    private static String declared(String xml) {
        Matcher cache = DECLARED.matcher(xml.replaceAll("(?s)<!--.*?-->", ""));
        return cache.find() ? cache.group().replaceAll("\\s+", "").replaceAll("max-size=\"[^\"]*\"", "") : "none";
    }
}
