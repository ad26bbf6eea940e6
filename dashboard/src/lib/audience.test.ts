import { expect, test } from 'vitest';

import { aPoint as point } from '../samples';
import { course, drawn, moves } from './audience';

const SIZE = { width: 102, height: 48 };

test('the change is from the first count to the last, whatever lies between', () => {
  const points = [null, 400, null, 100, 440].map((subscribers) => point({ subscribers }));
  expect(course(points, 'subscribers')).toEqual({ newest: 440, change: 100, counts: 3 });
  expect(course(points, 'followers')).toEqual({ newest: null, change: null, counts: 0 });
  expect(course([point({ followers: 7 })], 'followers')).toEqual({ newest: 7, change: null, counts: 1 });
  expect(course([point({ followers: 0 }), point({ followers: 7 })], 'followers').change).toBeNull();
});

test('who came and went is only told where every day is', () => {
  const points = [point({ newSubscribers: 3, cancelledSubscribers: 1 }), point({ newSubscribers: 0, cancelledSubscribers: 2 })];
  expect(moves(points)).toEqual({ came: 3, went: 3 });
  expect(moves([...points, point({ newSubscribers: 5 })])).toBeNull();
  expect(moves([])).toBeNull();
});

test('a line is broken where nobody was counted; never zero, never a ramp', () => {
  const points = [10, null, 20, 30, null, 10].map((subscribers) => point({ subscribers }));
  const { path, dots } = drawn(points, 'subscribers', SIZE);
  expect(path.match(/M/g)).toHaveLength(3);
  expect(path.match(/L/g)).toHaveLength(1);
  expect(dots).toEqual([{ x: 2, y: 44 }, { x: 100, y: 44 }]);
  const heights = [...path.matchAll(/,([\d.]+)/g)].map((match) => Number(match[1]));
  expect(heights).toEqual([44, 24, 4, 44]);
});

test('what does not change runs through the middle', () => {
  const { path } = drawn([point({ followers: 5 }), point({ followers: 5 })], 'followers', SIZE);
  expect(path).toBe('M2,24L100,24');
  expect(drawn([point({})], 'followers', SIZE)).toEqual({ path: '', dots: [] });
});
