package io.tandem.deploy.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;

import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.lang.ArchRule;
import io.tandem.deploy.Announcement;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** House rules that hold in every module, checked on all production classes. */
class CodingRulesTest {

    /** A program of its own, on Infinispan's logging. */
    private static final String CACHE_NODE = "io.tandem.cache.server..";

    /** Alike, on Artemis's. */
    private static final String BROKER = "io.tandem.messaging.BrokerMain";

    @Test
    void nobodyUsesTheJdksLogging() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages("io.tandem.telemetry.log..", CACHE_NODE)
                .and()
                .doNotHaveFullyQualifiedName(BROKER)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.util.logging..")
                .because("all logs go through one door, with one format and one set of levels"));
    }

    @Test
    void onlyCommandsWriteToTheTerminal() {
        check(noClasses()
                .that(resideOutsideOfPackages("io.tandem.bench..", "io.tandem.deploy..", CACHE_NODE))
                .and()
                .doNotHaveFullyQualifiedName("io.tandem.runtime.LoadingDisplay")
                .and()
                .doNotHaveFullyQualifiedName("io.tandem.hub.DownloadDisplay")
                .and()
                .doNotHaveFullyQualifiedName(BROKER)
                .should(ACCESS_STANDARD_STREAMS)
                .because("a service's output is its log; the launcher and the bars while loading talk to a person"));
    }

    @Test
    void nobodySleeps() {
        check(noClasses()
                .that(not(type(Announcement.class)))
                .should()
                .callMethodWhere(describe("a thread sleeps", CodingRulesTest::isSleep))
                .because("waits end when what they wait for happens; only the launcher asks over HTTP and must poll"));
    }

    @Test
    void nothingIsNamedUtility() {
        check(noClasses()
                .should()
                .haveNameMatching(".*(Util|Utils|Utility|Utilities|Helper|Helpers)")
                .because("such a name says nothing, and such a class is where anything ends up"));
    }

    @Test
    void collaboratorsComeThroughConstructors() {
        for (String annotation :
                List.of("jakarta.inject.Inject", "org.eclipse.microprofile.config.inject.ConfigProperty")) {
            check(noFields()
                    .that()
                    .areDeclaredInClassesThat()
                    .resideOutsideOfPackage("io.tandem.deploy..")
                    .should()
                    .beAnnotatedWith(annotation)
                    .because("a class that needs no container to be made needs none to be tested"));
        }
    }

    private static void check(ArchRule rule) {
        rule.check(ProductionClasses.ALL);
    }

    private static boolean isSleep(JavaMethodCall call) {
        return call.getName().equals("sleep")
                && (call.getTargetOwner().isEquivalentTo(Thread.class)
                        || call.getTargetOwner().isEquivalentTo(TimeUnit.class));
    }
}
