/** How many times faster than the channel's rate simulated stations send. Can be switched while they run. */
export class Speed {
  constructor(public speedup: number) {}
}
