package io.tandem.deploy.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import io.tandem.engine.checkpoint.CheckpointException;
import io.tandem.engine.model.Part;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The borders of docs/structures.md, checked on the production classes of every module. */
class ArchitectureTest {

    private static final String TANDEM = "io.tandem..";
    private static final String CONTRACT = "io.tandem.contract..";
    private static final String STUBS = "io.tandem.contract.*.v1..";
    private static final String ENGINE = "io.tandem.engine..";
    private static final String CHECKPOINT = "io.tandem.engine.checkpoint..";
    private static final String CONFIG = "io.tandem.engine.config..";
    private static final String OPERATIONS = "io.tandem.engine.ops..";
    private static final String REFERENCE = "io.tandem.engine.ops.reference..";
    private static final String MODEL = "io.tandem.engine.model..";
    private static final String RUNNER = "io.tandem.engine.runner..";
    private static final String CPU = "io.tandem.engine.cpu..";
    private static final String SLEPT = "io.tandem.engine.slept..";
    private static final String BENCH = "io.tandem.bench..";
    private static final String HUB = "io.tandem.hub..";
    private static final String ROUTING = "io.tandem.routing..";
    private static final String CACHE = "io.tandem.cache..";
    private static final String TELEMETRY = "io.tandem.telemetry..";
    private static final String RUNTIME = "io.tandem.runtime..";
    private static final String VISION = "io.tandem.vision..";
    private static final String ENCODER = "io.tandem.encoder..";
    private static final String DECODER = "io.tandem.decoder..";
    private static final String GATEWAY = "io.tandem.gateway..";
    private static final String GATEWAY_FETCH = "io.tandem.gateway.fetch..";
    private static final String GATEWAY_HTTP = "io.tandem.gateway.http..";
    private static final String GATEWAY_OPENAI = "io.tandem.gateway.openai..";
    private static final String MESSAGING = "io.tandem.messaging..";
    private static final String DEPLOY = "io.tandem.deploy..";
    private static final String[] SERVICES = {VISION, ENCODER, DECODER};

    private static final String QUARKUS = "io.quarkus..";
    private static final String BEANS = "jakarta..";
    private static final String GRPC = "io.grpc..";
    private static final String PROTOBUF = "com.google.protobuf..";
    private static final String OPEN_TELEMETRY = "io.opentelemetry..";
    private static final String MUTINY = "io.smallrye.mutiny..";
    private static final String VERTX = "io.vertx..";
    private static final String VECTOR = "jdk.incubator.vector..";
    private static final String JCUDA = "jcuda..";

    @Test
    void contractKnowsNothingOfTheRest() {
        check(noClasses()
                .that()
                .resideInAPackage(CONTRACT)
                .should()
                .dependOnClassesThat(resideInAPackage(TANDEM).and(not(resideInAPackage(CONTRACT))))
                .because("both ends of the wire share the contract, and neither may come with it"));
    }

    @Test
    void engineCoreIsPlainJava() {
        check(noClasses()
                .that(areInEngineCore())
                .should()
                .dependOnClassesThat(resideInAnyPackage(QUARKUS, BEANS, GRPC, PROTOBUF, VERTX, MUTINY, VECTOR, JCUDA)
                        .or(resideInAPackage(TANDEM).and(not(areInEngineCore()))))
                .because("the model is read, tested and measured without a server, and on any hardware"));
    }

    @Test
    void backendKnowsOnlyItsOperationsAndItsHardware() {
        check(classes()
                .that()
                .resideInAnyPackage(CPU, SLEPT)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage("java..", VECTOR, CPU, SLEPT, OPERATIONS, CHECKPOINT)
                        .and(not(resideInAPackage(REFERENCE))))
                .because("a backend that leans on another, or on a server, can't be replaced"));
    }

    @Test
    void backendsAreFoundByServiceLoader() {
        for (String backend : List.of(CPU, REFERENCE, SLEPT)) {
            check(classes()
                    .that()
                    .resideInAPackage(backend)
                    .should()
                    .onlyHaveDependentClassesThat()
                    .resideInAPackage(backend)
                    .because("which backend computes is a setting, and its jar a run-time dependency"));
        }
    }

    @Test
    void onlyForwardPassesUseOperations() {
        check(classes()
                .that()
                .resideInAPackage(OPERATIONS)
                .should()
                .onlyHaveDependentClassesThat()
                .resideInAnyPackage(OPERATIONS, MODEL, RUNNER, CPU, SLEPT, BENCH)
                .because("operations are the lower of two seams; everybody else sees the runners"));
    }

    @Test
    void nobodyDependsOnTheBenchmarks() {
        check(classes()
                .that()
                .resideInAPackage(BENCH)
                .should()
                .onlyHaveDependentClassesThat()
                .resideInAPackage(BENCH)
                .because("what measures the product is no part of it"));
    }

    @Test
    void cacheKnowsNeitherEngineNorContractNorQuarkus() {
        check(noClasses()
                .that()
                .resideInAPackage(CACHE)
                .should()
                .dependOnClassesThat(resideInAnyPackage(QUARKUS, GRPC, PROTOBUF)
                        .or(resideInAPackage(TANDEM).and(not(resideInAPackage(CACHE)))))
                .because("it keeps bytes under keys, whoever wrote them"));
    }

    @Test
    void telemetryIsBelowEverythingThatIsTraced() {
        check(noClasses()
                .that()
                .resideInAPackage(TELEMETRY)
                .should()
                .dependOnClassesThat(resideInAPackage(TANDEM)
                        .and(not(resideInAPackage(TELEMETRY)))
                        .and(not(resideInAPackage(CONTRACT))))
                .because("whatever a request goes through can then be traced"));
    }

    @Test
    void onlyTheBordersOfTheDecoderAreTraced() {
        check(noClasses()
                .that()
                .resideInAPackage("io.tandem.decoder.scheduling..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(TELEMETRY, OPEN_TELEMETRY)
                .because("nothing is allocated or traced in a decoder step"));
    }

    @Test
    void hubIsPlainJavaAndKnowsNoOther() {
        check(noClasses()
                .that()
                .resideInAPackage(HUB)
                .should()
                .dependOnClassesThat(resideInAnyPackage(QUARKUS, BEANS, GRPC, PROTOBUF, VERTX, MUTINY)
                        .or(resideInAPackage(TANDEM).and(not(resideInAPackage(HUB)))))
                .because("it brings folders, whoever reads them; launcher, runtime and bench use it alike"));
    }

    @Test
    void routingIsPlainJavaAndKnowsNoOther() {
        check(classes()
                .that()
                .resideInAPackage(ROUTING)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", ROUTING)
                .because("the gateway chooses as the capacity model does, which knows no server"));
    }

    @Test
    void servicesAreGivenFolders() {
        check(noClasses()
                .that()
                .resideInAnyPackage(VISION, ENCODER, DECODER, GATEWAY, ENGINE, CACHE)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(HUB)
                .because("where a checkpoint comes from is settled before anybody opens it"));
    }

    @Test
    void messagingCarriesAnything() {
        check(noClasses()
                .that()
                .resideInAPackage(MESSAGING)
                .should()
                .dependOnClassesThat(resideInAPackage(TANDEM).and(not(resideInAPackage(MESSAGING))))
                .because("a queue is a name and a message a text, whatever they are about"));
    }

    @Test
    void runtimeIsBelowTheServices() {
        check(noClasses()
                .that()
                .resideInAPackage(RUNTIME)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(VISION, ENCODER, DECODER, GATEWAY, DEPLOY)
                .because("what services share knows none of them"));
    }

    @Test
    void servicesAndGatewayMeetOnTheWireOnly() {
        check(slices().matching("io.tandem.(vision|encoder|decoder|gateway)..")
                .should()
                .notDependOnEachOther()
                .because("each of them also runs alone, in a process of its own"));
    }

    @Test
    void servicesSeeRunnersOnly() {
        check(noClasses()
                .that()
                .resideInAnyPackage(SERVICES)
                .should()
                .dependOnClassesThat(resideInAnyPackage(CHECKPOINT, OPERATIONS, CPU)
                        .or(resideInAPackage(MODEL).and(not(type(Part.class)))))
                .because("services choose the parts to load and see runners; checkpoints are opened by the runtime"));
    }

    @Test
    void servicesTouchGrpcInOnePackage() {
        check(noClasses()
                .that(resideInAnyPackage(SERVICES).and(not(resideInAPackage("io.tandem.*.grpc.."))))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(GRPC)
                .because("batching and scheduling are tested without a network"));
    }

    @Test
    void schedulingKnowsNoMessages() {
        check(noClasses()
                .that()
                .resideInAnyPackage("io.tandem.decoder.scheduling..", "io.tandem.decoder.residency..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(STUBS, PROTOBUF)
                .because("the decode step deals in tokens and pages; the wire is translated at its border"));
    }

    @Test
    void gatewayKnowsNeitherEngineNorCache() {
        check(noClasses()
                .that()
                .resideInAPackage(GATEWAY)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(ENGINE, RUNTIME, CACHE)
                .because("it routes by keys that services gave it, and knows nothing of tensors"));
    }

    @Test
    void httpKnowsNoGrpc() {
        check(noClasses()
                .that()
                .resideInAnyPackage(GATEWAY_HTTP, GATEWAY_OPENAI)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(GRPC)
                .because("the public API is the same however the services are reached"));
    }

    @Test
    void onlyWhatTouchesNetworksKnowsVertx() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages(GATEWAY_HTTP, GATEWAY_FETCH, MESSAGING)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(VERTX)
                .because("everything between a route and what is fetched runs, and is tested, without HTTP"));
    }

    @Test
    void nobodyUsesReactiveStubs() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage(CONTRACT)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(MUTINY)
                .because("cancelling, deadlines and back-pressure are exact on the plain stubs only"));
    }

    @Test
    void deployKnowsNoInternals() {
        check(noClasses()
                .that()
                .resideInAPackage(DEPLOY)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        CONTRACT, CACHE, RUNTIME, VISION, ENCODER, DECODER, GATEWAY, OPERATIONS, MODEL, CPU, BENCH)
                .because("the all-in-one app puts roles side by side and configures them, as any deployment does"));
    }

    @Test
    void packagesHaveNoCycles() {
        check(slices().matching("io.tandem.(**)")
                .should()
                .beFreeOfCycles()
                // Whatever is wrong with a checkpoint's files is one exception, which lives with the weights.
                .ignoreDependency(resideInAPackage(CONFIG), type(CheckpointException.class))
                .because("a package is one noun that can be understood without those above it"));
    }

    /** A misspelt package would make a rule that can't fail. */
    @Test
    void everyPackageThatRulesNameExists() {
        Stream.of(
                        CONTRACT,
                        STUBS,
                        ENGINE,
                        CHECKPOINT,
                        CONFIG,
                        OPERATIONS,
                        REFERENCE,
                        MODEL,
                        RUNNER,
                        CPU,
                        SLEPT,
                        BENCH,
                        CACHE)
                .forEach(name -> assertTrue(ProductionClasses.ALL.stream().anyMatch(resideInAPackage(name)), name));
        Stream.of(
                        HUB,
                        ROUTING,
                        TELEMETRY,
                        RUNTIME,
                        VISION,
                        ENCODER,
                        DECODER,
                        GATEWAY,
                        GATEWAY_FETCH,
                        GATEWAY_HTTP,
                        GATEWAY_OPENAI,
                        MESSAGING,
                        DEPLOY)
                .forEach(name -> assertTrue(ProductionClasses.ALL.stream().anyMatch(resideInAPackage(name)), name));
        // Not jcuda, whose backend is still to come.
        Stream.of(QUARKUS, OPEN_TELEMETRY, BEANS, GRPC, PROTOBUF, MUTINY, VERTX, VECTOR)
                .forEach(name -> assertTrue(
                        ProductionClasses.ALL.stream()
                                .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                                .map(Dependency::getTargetClass)
                                .anyMatch(resideInAPackage(name)),
                        name));
    }

    private static void check(ArchRule rule) {
        rule.check(ProductionClasses.ALL);
    }

    private static DescribedPredicate<JavaClass> areInEngineCore() {
        return resideInAPackage(ENGINE)
                .and(resideOutsideOfPackages(CPU, SLEPT, "io.tandem.engine.cuda.."))
                .as("are in engine/core");
    }
}
