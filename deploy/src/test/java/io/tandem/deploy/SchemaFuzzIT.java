package io.tandem.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Requests that schemathesis makes up from the served OpenAPI document: none fails the server, and every response is as the
 * document says. TANDEM_SCHEMATHESIS names its command, {@code st}; the property tandem.test.fuzz says how many examples each
 * operation gets.
 */
@ExtendWith(DemoServer.class)
class SchemaFuzzIT {

    private static final int EXAMPLES = Integer.getInteger("tandem.test.fuzz", 15);
    private static final String CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,"
            + "response_headers_conformance,response_schema_conformance,unsupported_method";

    @Test
    void nothingFailsAndEveryResponseIsAsDescribed(TandemProcess tandem) throws Exception {
        String command = System.getenv("TANDEM_SCHEMATHESIS");
        assumeTrue(
                command != null,
                "TANDEM_SCHEMATHESIS is not set: `pip install schemathesis` and let it name the command st");
        Api api = tandem.api();
        Path log = TandemProcess.root().resolve("deploy/target/system-tests/schemathesis.log");
        Process fuzz = fuzz(command, tandem, api.model(), log);
        int exitCode = fuzz.waitFor();
        assertEquals(0, exitCode, Files.readString(log, StandardCharsets.UTF_8));
        assertTrue(Files.readString(log).contains("/v1/chat/completions"), "nothing was tried");
        assertEquals(0, api.metric("tandem_gateway_requests_total", "code=\"5"), "the server's failures");
        Quiet.isRestored(api);
    }

    private static Process fuzz(String command, TandemProcess tandem, String model, Path log) throws IOException {
        Path folder = TandemProcess.root().resolve("deploy/src/test/fuzz");
        ProcessBuilder fuzz = new ProcessBuilder(List.of(
                command,
                "run",
                "http://127.0.0.1:" + tandem.port() + "/q/openapi",
                "--checks",
                CHECKS,
                "--max-examples",
                String.valueOf(EXAMPLES),
                "--max-time",
                "90",
                "--seed",
                "7",
                "--continue-on-failure",
                "--no-color"));
        fuzz.environment().put("SCHEMATHESIS_HOOKS", folder.resolve("hooks.py").toString());
        fuzz.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        fuzz.environment().put("TANDEM_FUZZ_MODEL", model);
        return fuzz.directory(log.getParent().toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }
}
