package io.tandem.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tandem.cache.StoreUnavailableException;
import io.tandem.contract.ErrorCode;
import io.tandem.contract.TandemException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class EngineErrorsTest {

    @Test
    void cacheThatIsAwayIsWorthAnotherTry() {
        Throwable away = new CompletionException(new StoreUnavailableException("the cache is away", null));
        TandemException known = EngineErrors.of(away);
        assertEquals(ErrorCode.UNAVAILABLE, known.code());
        assertEquals(away.getCause(), known.getCause());
    }
}
