import { DAY, parseDay, weekdayOf } from './calendar.ts';
import type { Profile } from './profiles/profile.ts';
import type { Stream } from './random.ts';
import type { ContentSpec } from './content.ts';
import type { Zone } from './zones.ts';

/** When people write: days of the period by weekday, hours by the profile, replies by their delay. */
export class Clock {
  private readonly start: number;
  private readonly end: number;
  private readonly days: Float64Array;
  private readonly profile: Profile;

  constructor(period: ContentSpec['period'], profile: Profile) {
    this.start = parseDay(period.start)!;
    this.end = parseDay(period.end)!;
    this.profile = profile;
    this.days = new Float64Array(this.end - this.start + 1);
    let sum = 0;
    for (let i = 0; i < this.days.length; i++) this.days[i] = sum += profile.weekdays[weekdayOf(this.start + i)]!;
  }

  /** The instant at which a conversation of `size` messages starts: `when` in [0, 1) is its place in the period. */
  begin(when: number, zone: Zone, size: number, stream: Stream): number {
    const at = when * this.days[this.days.length - 1]!;
    let low = 0;
    let high = this.days.length - 1;
    while (low < high) {
      const mid = (low + high) >>> 1;
      if (this.days[mid]! <= at) low = mid + 1;
      else high = mid;
    }
    const local = (this.start + low) * DAY + this.profile.hours.draw(stream) * 3600 + stream.under(3600);
    return Math.min(zone.instant(local), this.last(zone) - size * 60);
  }

  /** The instant of a reply by somebody in `zone`, with `after` more messages to come before `last`. */
  reply(to: number, zone: Zone, after: number, last: number, stream: Stream): number {
    const delay = this.profile.replyDelay.draw(stream);
    let at = to + delay;
    const local = at + zone.offset(at);
    const day = Math.floor(local / DAY);
    const hour = Math.floor((local - day * DAY) / 3600);
    const weekday = weekdayOf(day);
    // Whoever answers within the hour is still at it, whatever the hour.
    if ((hour < 7 || hour >= 20 || weekday > 4) && delay > 2400 && stream.percent(this.profile.waits)) {
      let next = hour < 7 ? day : day + 1;
      while (weekdayOf(next) > 4) next++;
      // 07:30 to 11:00, the mailbox being read from the top.
      const morning = zone.instant(next * DAY + 27000 + Math.min(stream.under(12600), stream.under(12600)));
      at = Math.max(morning, at);
    }
    const limit = last - 60 * after;
    return at <= limit ? at : to + 1 + stream.under(Math.max(1, limit - to));
  }

  /** The last second of the period on the clocks of a zone. */
  last(zone: Zone): number {
    return zone.instant((this.end + 1) * DAY) - 1;
  }
}
