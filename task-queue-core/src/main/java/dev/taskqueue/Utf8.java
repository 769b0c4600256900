package dev.taskqueue;

/** The characters of more than one byte that RFC 3629 allows. */
final class Utf8 {

    private Utf8() {}

    /** How many bytes the character has that begins at a position with no ASCII; 0 where none begins there. */
    static int lengthOf(byte[] text, int at) {
        int first = text[at] & 0xff;
        int second = byteAt(text, at + 1);
        if (first >= 0xc2 && first <= 0xdf) {
            return isTail(second) ? 2 : 0;
        }
        if (first >= 0xe0 && first <= 0xef) {
            int least = first == 0xe0 ? 0xa0 : 0x80;
            int most = first == 0xed ? 0x9f : 0xbf;
            return second >= least && second <= most && isTail(byteAt(text, at + 2)) ? 3 : 0;
        }
        if (first >= 0xf0 && first <= 0xf4) {
            int least = first == 0xf0 ? 0x90 : 0x80;
            int most = first == 0xf4 ? 0x8f : 0xbf;
            boolean whole = isTail(byteAt(text, at + 2)) && isTail(byteAt(text, at + 3));
            return second >= least && second <= most && whole ? 4 : 0;
        }
        return 0;
    }

    private static int byteAt(byte[] text, int at) {
        return at < text.length ? text[at] & 0xff : 0;
    }

    private static boolean isTail(int b) {
        return (b & 0xc0) == 0x80;
    }
}
