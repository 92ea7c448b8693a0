/** The clients that are shown what a container prints, each as fast as it takes it. */
export interface Audience {
  /** A client comes, and has not been shown everything yet. */
  enter(): Seat;
  /** Resolves when each of those who are here has been shown everything, left, or does not take more for now. */
  settled(): Promise<void>;
}

export interface Seat {
  /** Whether the client has to take what it was given before it is shown more. */
  hold(isFull: boolean): void;
  leave(): void;
}

/** Makes the audience of one container, with nobody in it. */
export function createAudience(): Audience {
  const watching = new Map<Seat, (() => void)[]>();
  const settle = (seat: Seat) => {
    for (const tell of watching.get(seat) ?? []) tell();
    watching.delete(seat);
  };
  return {
    enter() {
      const seat: Seat = {
        hold: (isFull) => (isFull ? settle(seat) : void watching.set(seat, [])),
        leave: () => settle(seat),
      };
      watching.set(seat, []);
      return seat;
    },
    async settled() {
      await Promise.all(
        Array.from(watching.values(), (told) => new Promise<void>((tell) => told.push(tell))),
      );
    },
  };
}
