/** The part of systeminformation that reads the memory. The whole of it takes several MiB more, and is not typed apart. */
declare module 'systeminformation/lib/memory.js' {
  export { mem } from 'systeminformation';
}
