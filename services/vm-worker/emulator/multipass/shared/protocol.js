/**
 * What the client and the daemon say to each other, as lines of JSON over a Unix socket: the client asks one question on a
 * connection; the daemon tells what it does meanwhile, then answers or refuses.
 */

/**
 * Which instances are meant.
 *
 * @typedef {{ names: readonly string[], isAll: boolean }} Targets
 */

/**
 * What a launch asks for.
 *
 * @typedef {object} LaunchRequest
 * @property {string} image
 * @property {string | null} name
 * @property {number} cpus
 * @property {{ text: string, bytes: number } | null} memory
 * @property {{ text: string, bytes: number } | null} disk
 * @property {string | null} network
 * @property {string | null} userData
 * @property {number | null} waitMs
 */

/**
 * Where a guest is logged in to.
 *
 * @typedef {object} GuestAddress
 * @property {string} host
 * @property {string} user
 * @property {boolean} isOff
 * @property {boolean} isListener It is only a socket.
 */

/**
 * How something that was done has ended.
 *
 * @typedef {object} Outcome
 * @property {string} [text] What to print.
 * @property {true} [isConfirmationNeeded] Nothing was done: somebody has to say first that it is meant.
 */

/**
 * What may be asked, by command.
 *
 * @typedef {object} Questions
 * @property {{}} version
 * @property {{ passphrase: string }} authenticate
 * @property {{ isRuntimeWanted: boolean, verbosity: number }} list
 * @property {{ names: readonly string[], isRuntimeWanted: boolean, areSnapshotsWanted: boolean }} info
 * @property {{}} networks
 * @property {{}} find
 * @property {{}} keys
 * @property {{ key: string }} get
 * @property {{ key: string, value: string }} set
 * @property {LaunchRequest} launch
 * @property {Targets & { waitMs: number | null }} start
 * @property {Targets & { waitMs: number | null }} restart
 * @property {Targets & { isForced: boolean, isCancel: boolean, delayMinutes: number }} stop
 * @property {Targets} suspend
 * @property {Targets & { isForGood: boolean }} delete
 * @property {Targets} recover
 * @property {{}} purge
 * @property {{ name: string, snapshot: string | null, comment: string }} snapshot
 * @property {{ name: string, snapshot: string, isDestructive: boolean }} restore
 * @property {{ name: string, clone: string | null }} clone
 * @property {{ name: string }} ssh_info
 * @property {{ name: string, words: readonly string[] }} listener_exec
 */

/** @typedef {keyof Questions} Command */

/**
 * What is answered, by command; to all others an outcome.
 *
 * @typedef {object} Findings
 * @property {{ version: string }} version
 * @property {{ instances: import('../client/render.js').InstanceView[] }} list
 * @property {{ subjects: import('../client/render.js').InfoSubject[] }} info
 * @property {{ images: { version: string, codename: string }[] }} find
 * @property {{ keys: string[] }} keys
 * @property {{ value: string }} get
 * @property {GuestAddress} ssh_info
 * @property {{ exitCode: number }} listener_exec
 */

/** @typedef {Exclude<Command, keyof Findings>} Verb A command that does something. */

/**
 * @template {Command} C
 * @typedef {C extends keyof Findings ? Findings[C] : Outcome} Answer
 */

/**
 * @template {Command} C
 * @typedef {{ command: C } & Questions[C]} Question
 */

/**
 * What goes with each question.
 *
 * @typedef {object} Caller
 * @property {string} client Who asks.
 * @property {string} call The id of the call in the log.
 * @property {number} [crashAfterMs] The daemon dies after this time.
 * @property {boolean} [doesWedge] The daemon hangs.
 */

/**
 * @template {Command} C
 * @typedef {Question<C> & Caller} Request
 */

/** @typedef {{ [C in Command]: Request<C> }[Command]} AnyRequest */

/**
 * What the daemon says; the last is one with an answer or a refusal.
 *
 * @template {Command} C
 * @typedef {object} Message
 * @property {string} [log]
 * @property {string} [progress] What it does now.
 * @property {string} [percent] How far it is with fetching an image.
 * @property {string} [error]
 * @property {Answer<C>} [reply]
 */

export {};
