import { describe, expect, it } from 'vitest';
import * as format from '../../src/text/format.js';

describe('format', () => {
  it.each([
    [format.count(1234567.4), '1,234,567'],
    [format.counted(1, 'step'), '1 step'],
    [format.counted(1200, 'step'), '1,200 steps'],
    [format.counted(1, 'pass', 'passes'), '1 pass'],
    [format.counted(6, 'pass', 'passes'), '6 passes'],
    [format.percent(0.9753), '97.53 %'],
    [format.percent(0.8, 0), '80 %'],
    [format.loss(0.12345), '0.1235'],
    [format.loss(0), '0.0000'],
    [format.loss(0.00012345), '1.23e-4'],
    [format.loss(123456), '1.23e+5'],
    [format.rate(0.1), '0.1'],
    [format.rate(0.24238586), '0.242'],
    [format.rate(0.0001), '1e-4'],
    [format.duration(8.44), '8.4 s'],
    [format.duration(59.96), '1:00 min'],
    [format.duration(83.2), '1:23 min'],
    [format.duration(7500), '2:05:00 h'],
  ])('%s', (got, expected) => expect(got).toBe(expected));
});
