package io.tandem.engine.image;

/**
 * Smooths the edges between blocks (RFC 6386, section 15).
 *
 * @param limit how different the samples at an edge inside a macroblock may be to be smoothed
 * @param interiorLimit how different neighbours on one side of an edge may be
 * @param highVariance from which difference on only the samples next to the edge are changed
 */
record Vp8LoopFilter(int limit, int interiorLimit, int highVariance) {

    static Vp8LoopFilter of(int level, int sharpness) {
        int interior = level;
        if (sharpness > 0) {
            interior >>= sharpness > 4 ? 2 : 1;
            interior = Math.min(interior, 9 - sharpness);
        }
        interior = Math.max(interior, 1);
        int highVariance = level >= 40 ? 2 : level >= 15 ? 1 : 0;
        return new Vp8LoopFilter(2 * level + interior, interior, highVariance);
    }

    /** Filters the luma edges of a macroblock with the simple filter. */
    void simple(Vp8Plane plane, int x, int y, boolean inside) {
        for (int offset = 0; offset < 16; offset += 4) {
            if (offset == 0 ? x > 0 : inside) {
                simpleEdge(plane, plane.at(x + offset, y), 1, plane.stride, offset == 0);
            }
        }
        for (int offset = 0; offset < 16; offset += 4) {
            if (offset == 0 ? y > 0 : inside) {
                simpleEdge(plane, plane.at(x, y + offset), plane.stride, 1, offset == 0);
            }
        }
    }

    /** Filters a macroblock's edges in one plane. */
    void normal(Vp8Plane plane, int x, int y, int side, boolean inside) {
        for (int offset = 0; offset < side; offset += 4) {
            if (offset == 0 ? x > 0 : inside) {
                for (int i = 0; i < side; i++) {
                    normalSample(plane, plane.at(x + offset, y + i), 1, offset == 0);
                }
            }
        }
        for (int offset = 0; offset < side; offset += 4) {
            if (offset == 0 ? y > 0 : inside) {
                for (int i = 0; i < side; i++) {
                    normalSample(plane, plane.at(x + i, y + offset), plane.stride, offset == 0);
                }
            }
        }
    }

    private void simpleEdge(Vp8Plane plane, int at, int across, int along, boolean outer) {
        for (int i = 0; i < 16; i++) {
            int index = at + i * along;
            if (isSmooth(plane, index, across, outer)) {
                changeTwo(plane, index, across);
            }
        }
    }

    /** Filters across an edge; {@code at} is the first sample behind it. */
    private void normalSample(Vp8Plane plane, int at, int across, boolean outer) {
        if (!isSmooth(plane, at, across, outer) || !neighboursAreSmooth(plane, at, across)) {
            return;
        }
        boolean variesHighly = difference(plane, at - 2 * across, at - across) > highVariance
                || difference(plane, at + across, at) > highVariance;
        if (variesHighly) {
            changeTwo(plane, at, across);
        } else if (outer) {
            changeSix(plane, at, across);
        } else {
            changeFour(plane, at, across);
        }
    }

    private boolean isSmooth(Vp8Plane plane, int at, int across, boolean outer) {
        int allowed = 2 * (outer ? limit + 4 : limit) + 1;
        return 4 * difference(plane, at - across, at) + difference(plane, at - 2 * across, at + across) <= allowed;
    }

    private boolean neighboursAreSmooth(Vp8Plane plane, int at, int across) {
        for (int i = 1; i < 4; i++) {
            if (difference(plane, at - (i + 1) * across, at - i * across) > interiorLimit
                    || difference(plane, at + i * across, at + (i - 1) * across) > interiorLimit) {
                return false;
            }
        }
        return true;
    }

    private static void changeTwo(Vp8Plane plane, int at, int across) {
        int outer = signed8(plane.get(at - 2 * across) - plane.get(at + across));
        int step = 3 * (plane.get(at) - plane.get(at - across)) + outer;
        add(plane, at - across, signed5(step + 3 >> 3));
        add(plane, at, -signed5(step + 4 >> 3));
    }

    private static void changeFour(Vp8Plane plane, int at, int across) {
        int step = 3 * (plane.get(at) - plane.get(at - across));
        int behind = signed5(step + 4 >> 3);
        int outer = behind + 1 >> 1;
        add(plane, at - 2 * across, outer);
        add(plane, at - across, signed5(step + 3 >> 3));
        add(plane, at, -behind);
        add(plane, at + across, -outer);
    }

    private static void changeSix(Vp8Plane plane, int at, int across) {
        int outer = signed8(plane.get(at - 2 * across) - plane.get(at + across));
        int step = signed8(3 * (plane.get(at) - plane.get(at - across)) + outer);
        for (int i = 0; i < 3; i++) {
            int change = (27 - 9 * i) * step + 63 >> 7;
            add(plane, at - (i + 1) * across, change);
            add(plane, at + i * across, -change);
        }
    }

    private static int difference(Vp8Plane plane, int one, int other) {
        return Math.abs(plane.get(one) - plane.get(other));
    }

    private static void add(Vp8Plane plane, int at, int change) {
        plane.set(at, plane.get(at) + change);
    }

    private static int signed8(int value) {
        return Math.clamp(value, -128, 127);
    }

    private static int signed5(int value) {
        return Math.clamp(value, -16, 15);
    }
}
