package io.tandem.telemetry.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Map;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.Level;
import org.junit.jupiter.api.Test;

class JsonLogFormatterTest {

    @Test
    void aRecordIsOneLineWithItsContextAsFields() throws IOException {
        ExtLogRecord record =
                new ExtLogRecord(Level.WARN, "a \"quoted\"\nmessage of %s", ExtLogRecord.FormatStyle.PRINTF, "x");
        record.setParameters(new Object[] {"two lines"});
        record.setLoggerName("io.tandem.test");
        record.setMdc(Map.of("requestId", "req_1"));
        record.setThrown(new IllegalStateException("broken"));
        String line = new JsonLogFormatter().format(record);
        assertEquals(line.length() - 1, line.indexOf('\n'));
        JsonNode json = new ObjectMapper().readTree(line);
        assertEquals("a \"quoted\"\nmessage of two lines", json.get("message").asText());
        assertEquals("WARN", json.get("level").asText());
        assertEquals("io.tandem.test", json.get("logger").asText());
        assertEquals("req_1", json.get("requestId").asText());
        assertTrue(json.get("exception").asText().startsWith("java.lang.IllegalStateException: broken\n"));
        assertTrue(json.get("timestamp").asText().endsWith("Z"));
    }
}
