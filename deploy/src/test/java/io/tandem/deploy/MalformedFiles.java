package io.tandem.deploy;

import io.tandem.deploy.MalformedRequests.Malformed;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Requests to /v1/files, and for lists and single things of disk, with which something is wrong. */
final class MalformedFiles {

    private static final String FILES = "/v1/files";
    private static final String FORM = "Content-Type: multipart/form-data; boundary=b";
    private static final String GOOD_FILE = part("file\"; filename=\"a.txt", "text");
    private static final String GOOD_PURPOSE = part("purpose", "user_data");

    /** After what they are made of. */
    static final List<Malformed> ALL = all();

    private MalformedFiles() {}

    private static List<Malformed> all() {
        List<Malformed> all = new ArrayList<>();
        forms(all);
        heads(all);
        queries(all);
        return List.copyOf(all);
    }

    private static void forms(List<Malformed> all) {
        form(all, "no purpose", 400, "purpose", GOOD_FILE);
        form(all, "no file", 400, "file", GOOD_PURPOSE);
        form(all, "nothing", 400, "file");
        form(all, "an empty purpose", 400, "purpose", part("purpose", ""), GOOD_FILE);
        form(all, "an unknown purpose", 400, "purpose", part("purpose", "fine-tune"), GOOD_FILE);
        form(all, "the server's own purpose", 400, "purpose", part("purpose", "batch_output"), GOOD_FILE);
        form(all, "two files", 400, "file", GOOD_PURPOSE, GOOD_FILE, GOOD_FILE);
        form(all, "a file by another name", 400, null, GOOD_PURPOSE, part("document\"; filename=\"a.txt", "text"));
        form(all, "a file that is a field", 400, "file", GOOD_PURPOSE, part("file", "text"));
        String long256 = "a".repeat(252) + ".txt";
        form(all, "a long filename", 400, "file", GOOD_PURPOSE, part("file\"; filename=\"" + long256, "text"));
        form(all, "no filename", 400, "file", GOOD_PURPOSE, part("file\"; filename=\"", "text"));
        String anchor = part("expires_after[anchor]", "created_at");
        String seconds = "expires_after[seconds]";
        form(all, "no anchor", 400, "expires_after[anchor]", GOOD_PURPOSE, part(seconds, "3600"), GOOD_FILE);
        form(all, "no seconds", 400, seconds, GOOD_PURPOSE, anchor, GOOD_FILE);
        for (String value : new String[] {"", "3599", "2592001", "-1", "1e9", "soon", "99999999999999999999"}) {
            form(all, "seconds: " + value, 400, seconds, GOOD_PURPOSE, anchor, part(seconds, value), GOOD_FILE);
        }
        String wrongAnchor = part("expires_after[anchor]", "last_used_at");
        form(all, "an anchor", 400, "expires_after[anchor]", GOOD_PURPOSE, wrongAnchor, GOOD_FILE);
    }

    private static void heads(List<Malformed> all) {
        String body = GOOD_PURPOSE + GOOD_FILE + "--b--\r\n";
        raw(all, "JSON", 415, post(body, "Content-Type: application/json"));
        raw(all, "a form without parts", 415, post(body, "Content-Type: application/x-www-form-urlencoded"));
        raw(all, "no type", 415, post(body));
        raw(all, "gzip", 415, post(body, FORM, "Content-Encoding: gzip"));
        String tooLarge = "POST /v1/files HTTP/1.1\r\nHost: x\r\n" + FORM + "\r\nContent-Length: 99000000000\r\n\r\n";
        all.add(new Malformed("files: 99 GB", HttpWire.ascii(tooLarge), 413, "file"));
        for (String method : new String[] {"PUT", "PATCH", "DELETE", "OPTIONS"}) {
            raw(all, method, 405, request(method, FILES));
        }
        for (String path :
                new String[] {"/v1/files/file-none", "/v1/files/..%2f..%2fetc", "/v1/files/file-none/content"}) {
            all.add(new Malformed("GET " + path, request("GET", path), 404, "file_id"));
        }
        all.add(new Malformed("DELETE a file", request("DELETE", "/v1/files/file-none"), 404, "file_id"));
        raw(all, "DELETE content", 405, request("DELETE", "/v1/files/file-none/content"));
        all.add(new Malformed("GET a batch", request("GET", "/v1/batches/batch_none"), 404, "batch_id"));
        all.add(new Malformed("cancel", request("POST", "/v1/batches/batch_none/cancel"), 404, "batch_id"));
        raw(all, "GET cancel", 405, request("GET", "/v1/batches/batch_none/cancel"));
        raw(all, "DELETE a batch", 405, request("DELETE", "/v1/batches/batch_none"));
    }

    private static void queries(List<Malformed> all) {
        for (String path : new String[] {FILES, "/v1/batches"}) {
            for (String limit : new String[] {"0", "-1", "1.5", "many", "", "99999999999999999999", "10001"}) {
                all.add(new Malformed(
                        path + " limit " + limit, request("GET", path + "?limit=" + limit), 400, "limit"));
            }
            for (String after : new String[] {"x", "", "..%2f..%2fetc", "file-" + "g".repeat(32)}) {
                all.add(new Malformed(
                        path + " after " + after, request("GET", path + "?after=" + after), 400, "after"));
            }
        }
        for (String query : new String[] {"order=up", "purpose=fun", "purpose="}) {
            String param = query.substring(0, query.indexOf('='));
            all.add(new Malformed("files " + query, request("GET", FILES + "?" + query), 400, param));
        }
    }

    private static void form(List<Malformed> all, String what, int status, String param, String... parts) {
        all.add(new Malformed("files: " + what, post(String.join("", parts) + "--b--\r\n", FORM), status, param));
    }

    private static void raw(List<Malformed> all, String what, int status, byte[] request) {
        all.add(new Malformed("disk: " + what, request, status, null));
    }

    private static byte[] post(String body, String... headers) {
        return HttpWire.post(FILES, body.getBytes(StandardCharsets.UTF_8), headers);
    }

    private static byte[] request(String method, String path) {
        return HttpWire.ascii(method + " " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    }

    /** @param name with whatever follows it in its header, but for the last quotation mark */
    private static String part(String name, String content) {
        return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + content + "\r\n";
    }
}
