package dev.taskqueue;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The arrows of the design: worker → broker → task, and config → broker. */
class ArchitectureTest {

    private static final JavaClasses CORE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.taskqueue");

    @Test
    void tasks_depend_on_nothing_of_ours() {
        noClasses()
                .that()
                .resideInAPackage("dev.taskqueue")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.taskqueue.broker..", "dev.taskqueue.worker..", "dev.taskqueue.config..")
                .check(CORE);
    }

    @Test
    void the_broker_knows_no_worker_and_no_threads() {
        noClasses()
                .that()
                .resideInAPackage("dev.taskqueue.broker..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.taskqueue.worker..", "dev.taskqueue.config..", "java.util.concurrent.locks..")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Thread.class)
                .check(CORE);
    }

    @Test
    void only_the_broker_speaks_to_redis() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.taskqueue.broker..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("redis.clients..")
                .check(CORE);
    }

    @Test
    void the_worker_knows_no_settings_by_name() {
        noClasses()
                .that()
                .resideInAPackage("dev.taskqueue.worker..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.taskqueue.config..")
                .check(CORE);
    }
}
