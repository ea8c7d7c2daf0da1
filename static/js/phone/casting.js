// Sending a ballot with its ticket. It is kept on the phone first, encrypted,
// and forgotten when the server has said that it was received: so a page that
// is closed in between, or has no connection, loses nothing.
import { base64 } from "./draw.js";
import { send } from "./send.js";

/** What a slot holds beside the sheet, in bytes: see survey.Slot. */
const overhead = 33;

// locked keeps two tabs from sending an older ballot after a newer one.
const locked = (work) => (navigator.locks ? navigator.locks.request("attune-ballot", work) : work());

// passing says of an answer that the same ballot may be taken later.
const passing = (answer) => answer.failed || answer.status >= 500 || answer.status === 429;

const papers = (ticket) => ({ wave: ticket.wave, group: ticket.group, input: base64(ticket.input), output: base64(ticket.output) });

/**
 * The sheet in the form of survey.Sheet: one byte a question, 0 for skipped,
 * else one more than the option's place, and zeros to the wave's slot.
 *
 * @param {Element[]} questions the fieldsets, in the order of the sheet
 */
export function sheetOf(questions, slot) {
  const sheet = new Uint8Array(slot - overhead);
  questions.forEach((question, i) => {
    sheet[i] = [...question.querySelectorAll("input[type=radio]")].findIndex((option) => option.checked) + 1;
  });
  return sheet;
}

/** The way in for the tickets of one secret: {id, key}. */
export class Casting {
  constructor(tickets, holder, url) {
    this.tickets = tickets;
    this.holder = holder;
    this.url = url;
  }

  mark(ticket, cast) {
    ticket.cast = cast;
    return this.tickets.saveTicket(this.holder.id, ticket.wave, ticket);
  }

  /** Keeps a ballot for sending; stored false: it is gone with the page. */
  keep(ticket, sheet) {
    return locked(async () => {
      const text = JSON.stringify({ ...papers(ticket), sheet: base64(sheet) });
      const { stored } = await this.tickets.sealDraft(this.holder.id, this.holder.key, ticket.info, text);
      await this.mark(ticket, ticket.cast || "tried");
      return stored;
    });
  }

  /** Whether a ballot waits to be sent. */
  async waits(ticket) {
    return (await this.tickets.openDraft(this.holder.id, this.holder.key, ticket.info)) !== null;
  }

  /**
   * Sends what waits.
   *
   * @returns null when nothing waits (another tab sent it), {passing: true}
   *          when it waits on, else the server's answer
   */
  deliver(ticket) {
    return locked(async () => {
      const text = await this.tickets.openDraft(this.holder.id, this.holder.key, ticket.info);
      if (text === null) return null;
      const answer = await send(this.url("/cast"), text);
      if (passing(answer)) return { passing: true };
      await this.tickets.dropDraft(this.holder.id, ticket.info);
      if (answer.body) await this.mark(ticket, "received");
      return answer;
    });
  }

  /** Takes the ballot back, the one that waits and the one in the box. */
  takeBack(ticket) {
    return locked(async () => {
      await this.tickets.dropDraft(this.holder.id, ticket.info);
      const answer = await send(this.url("/cast/withdraw"), JSON.stringify({ ...papers(ticket), sheet: "" }));
      if (answer.body) await this.mark(ticket, undefined);
      return answer;
    });
  }
}
