package dev.taskqueue;

import static org.assertj.core.api.Assertions.assertThat;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinition;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The dates of {@link CronSpec} beside those of cron-utils, for random specs and zones. Where clocks change cron-utils drops a
 * fixed time that falls into a gap, and fires {@code 0 2,3 * * *} twice in an overlap; it takes {@code *}{@code /2} for a
 * restricted day. There the reference is a walk through every minute, with cronie's rules and cron-utils' match of a minute.
 */
class CronSpecReferenceTest {

    private static final boolean LONG = System.getProperty("chaos", "short").equals("long");
    private static final int ROUNDS = LONG ? 100_000 : 3_000;
    private static final int WALKS = LONG ? 300 : 30;
    private static final CronParser UNIX = new CronParser(definition());

    private static final List<String> ZONES = List.of(
            "UTC",
            "Europe/Berlin",
            "America/New_York",
            "Africa/Cairo",
            "Australia/Lord_Howe",
            "Pacific/Apia",
            "America/Sao_Paulo",
            "Asia/Tehran",
            "Africa/Casablanca",
            "America/St_Johns",
            "Asia/Kathmandu",
            "Antarctica/Troll");

    private final Random random = new Random(20260329);

    private static CronDefinition definition() {
        return CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX);
    }

    private String field(int min, int max, int starsOfTen, boolean steps) {
        if (random.nextInt(10) < starsOfTen) {
            return steps && random.nextInt(3) == 0 ? "*/" + (1 + random.nextInt(max / 2)) : "*";
        }
        List<String> parts = new ArrayList<>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            int from = min + random.nextInt(max - min);
            int to = from + 1 + random.nextInt(max - from);
            switch (random.nextInt(3)) {
                case 0 -> parts.add("" + from);
                case 1 -> parts.add(from + "-" + to);
                default -> parts.add(from + "-" + to + "/" + (1 + random.nextInt(max / 2)));
            }
        }
        return String.join(",", parts);
    }

    /** One that both libraries read alike. */
    private String spec() {
        return String.join(
                " ",
                field(0, 59, 3, true),
                field(0, 23, 3, true),
                field(1, 28, 6, false),
                field(1, 12, 6, true),
                field(0, 6, 6, false));
    }

    private ZoneId zone() {
        return ZoneId.of(ZONES.get(random.nextInt(ZONES.size())));
    }

    @Test
    void away_from_changes_of_the_clock_the_dates_are_those_of_cron_utils() {
        int compared = 0;
        for (int round = 0; round < ROUNDS; round++) {
            String text = spec();
            ZoneId zone = zone();
            Instant after = Instant.ofEpochSecond(946_684_800L + random.nextInt(1_200_000_000));
            Instant ours = CronSpec.parse(text).next(after, zone).orElseThrow();
            Instant theirs = ExecutionTime.forCron(UNIX.parse(text))
                    .nextExecution(after.atZone(zone))
                    .map(ZonedDateTime::toInstant)
                    .orElseThrow();
            if (ours.equals(theirs)) {
                compared++;
            } else {
                Instant earlier = ours.isBefore(theirs) ? ours : theirs;
                assertThat(changesNear(earlier, zone))
                        .as("%s in %s after %s: ours %s, theirs %s", text, zone, after, ours, theirs)
                        .isTrue();
            }
        }
        assertThat(compared).isGreaterThan(ROUNDS * 98 / 100);
    }

    /** Up to a month before: after a month that began with a gap cron-utils leaves out the first hour of the next one. */
    private static boolean changesNear(Instant time, ZoneId zone) {
        ZoneOffsetTransition change = zone.getRules().nextTransition(time.minus(32, ChronoUnit.DAYS));
        return change != null && change.getInstant().isBefore(time.plus(1, ChronoUnit.DAYS));
    }

    @Test
    void where_the_clock_changes_they_are_those_of_cronie_minute_by_minute() {
        for (int round = 0; round < WALKS; round++) {
            String text = String.join(" ", field(0, 59, 3, true), field(0, 5, 3, false), "* * *");
            ZoneId zone = zone();
            ZoneOffsetTransition change =
                    zone.getRules().nextTransition(Instant.ofEpochSecond(946_684_800L + random.nextInt(900_000_000)));
            if (change == null) {
                continue;
            }
            Instant from = change.getInstant().minus(Duration.ofHours(26));
            Instant to = change.getInstant().plus(Duration.ofHours(26));
            List<Instant> ours = new ArrayList<>();
            CronSpec spec = CronSpec.parse(text);
            for (Optional<Instant> fire = spec.next(from, zone);
                    fire.isPresent() && !fire.get().isAfter(to);
                    fire = spec.next(fire.get(), zone)) {
                ours.add(fire.get());
            }
            assertThat(ours).as("%s in %s at %s", text, zone, change).isEqualTo(walk(text, zone, from, to));
        }
    }

    /** Minute by minute, as a daemon that wakes up at each. */
    private static List<Instant> walk(String text, ZoneId zone, Instant from, Instant to) {
        ExecutionTime minutes = ExecutionTime.forCron(UNIX.parse(text));
        boolean wild = text.startsWith("*") || text.split(" ")[1].startsWith("*");
        List<Instant> fires = new ArrayList<>();
        LocalDateTime done = LocalDateTime.ofInstant(from, zone);
        for (Instant now = from.plus(1, ChronoUnit.MINUTES); !now.isAfter(to); now = now.plus(1, ChronoUnit.MINUTES)) {
            LocalDateTime clock = LocalDateTime.ofInstant(now, zone);
            boolean due = wild && fits(minutes, clock);
            if (!wild && clock.isAfter(done)) {
                // A jump of more than three hours is a clock that was set.
                LocalDateTime first =
                        Duration.between(done, clock).compareTo(Duration.ofHours(3)) > 0 ? clock : done.plusMinutes(1);
                for (LocalDateTime passed = first; !passed.isAfter(clock); passed = passed.plusMinutes(1)) {
                    due |= fits(minutes, passed);
                }
                done = clock;
            }
            if (due) {
                fires.add(now);
            }
        }
        return fires;
    }

    private static boolean fits(ExecutionTime minutes, LocalDateTime time) {
        return minutes.isMatch(time.atZone(ZoneOffset.UTC));
    }
}
