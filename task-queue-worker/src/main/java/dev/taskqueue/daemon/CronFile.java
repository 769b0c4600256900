package dev.taskqueue.daemon;

import dev.taskqueue.Cron;
import dev.taskqueue.InvalidTaskException;
import dev.taskqueue.internal.TaskLimits;
import dev.taskqueue.internal.config.InvalidSettingException;
import dev.taskqueue.internal.config.Variables;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The schedules of {@code CRON_FILE}, read and checked at start.
 *
 * @param owner who puts them, {@code CRON_OWNER}
 * @param entries one a line
 */
record CronFile(Path path, String owner, List<Entry> entries) {

    private static final int OWNER_LENGTH = 128;
    private static final long MAX_BYTES = 16L << 20;

    /**
     * One schedule.
     *
     * @param line where it stands, 1 for the first
     */
    record Entry(int line, Cron cron) {}

    /**
     * @throws InvalidSettingException if the file cannot be read, or a line is no schedule
     */
    static Optional<CronFile> read(Variables variables) {
        Optional<Path> path = variables.path("CRON_FILE");
        String owner = variables.text("CRON_OWNER", "cron-file");
        if (owner.length() > OWNER_LENGTH || owner.chars().anyMatch(c -> c <= ' ' || Character.isISOControl(c))) {
            throw Variables.invalid(
                    "CRON_OWNER", owner, "a name of 1 to " + OWNER_LENGTH + " characters without blanks");
        }
        return path.map(file -> new CronFile(file, owner, parse(file)));
    }

    List<Cron> crons() {
        return entries.stream().map(Entry::cron).toList();
    }

    /** A sentence about one of its lines. */
    InvalidSettingException invalid(Entry entry, String why) {
        return invalid(path, entry.line(), why);
    }

    private static List<Entry> parse(Path file) {
        List<String> lines = lines(file);
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            int number = i + 1;
            Cron cron;
            try {
                cron = CronLine.parse(line);
            } catch (InvalidTaskException e) {
                throw invalid(file, number, e.getMessage());
            }
            for (Entry other : entries) {
                if (other.cron().name().equals(cron.name())) {
                    throw invalid(
                            file,
                            number,
                            "name is " + TaskLimits.quote(cron.name()) + ", as in line " + other.line()
                                    + "; each name stands for one schedule");
                }
            }
            entries.add(new Entry(number, cron));
        }
        return entries;
    }

    private static List<String> lines(Path file) {
        try {
            if (Files.isDirectory(file)) {
                throw invalid(file, "that is a folder");
            }
            if (Files.size(file) > MAX_BYTES) {
                throw invalid(file, "it is " + Files.size(file) + " bytes long; at most " + MAX_BYTES + " are allowed");
            }
            return Files.readAllLines(file);
        } catch (NoSuchFileException e) {
            throw invalid(file, "there is no such file");
        } catch (CharacterCodingException e) {
            throw invalid(file, "it must be text in UTF-8");
        } catch (IOException e) {
            throw invalid(file, "it cannot be read: " + e.getMessage());
        }
    }

    private static InvalidSettingException invalid(Path file, int line, String why) {
        return invalid(file, "line " + line + ": " + why);
    }

    private static InvalidSettingException invalid(Path file, String why) {
        return new InvalidSettingException("CRON_FILE is \"" + Variables.printable(file.toString()) + "\"; " + why);
    }
}
