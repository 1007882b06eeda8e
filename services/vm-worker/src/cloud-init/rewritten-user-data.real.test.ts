import { SshPublicKey } from '@golem-provider/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { type MultipassFixture, multipassFixture } from '../hypervisor/multipass/testing/multipass-fixture.ts';

const TEST_TIMEOUT_MS = 180_000;
const Lists = z.looseObject({
  users: z.array(z.unknown()),
  ssh_authorized_keys: z.array(z.string()).optional(),
});

/** Multipass reads user-data and writes it again, in the client and in the daemon; quotes and comments are lost on the way. */
describe('the user-data that a guest of Multipass gets', () => {
  let fixture: MultipassFixture;

  beforeAll(async () => {
    fixture = await multipassFixture(process.env);
  }, TEST_TIMEOUT_MS);

  afterAll(() => fixture.dispose(), TEST_TIMEOUT_MS);

  it(
    'means what we have written, and lets in who may come in',
    async () => {
      const { hypervisor, emulator, context, login } = fixture;
      const spec = fixture.newSpec();
      await hypervisor.create(spec, context());
      const received = await emulator.userDataOf(spec.id);
      expect(received).toMatch(/^#cloud-config\n/);
      const meant = Lists.parse(parse(spec.userData, { schema: 'yaml-1.1' }));
      // Multipass adds its own user.
      expect(parse(received, { schema: 'yaml-1.1' })).toEqual({
        ...meant,
        users: [...meant.users, 'default'],
      });
      const { sshTarget } = await hypervisor.observe(spec.id, context());
      if (sshTarget === null) throw new Error('it has no address');
      expect(await login(sshTarget, 'hostname; id -un')).toBe(`${spec.id}\nubuntu\n`);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'loses the quotes of what does not need them, which may make another type of it',
    async () => {
      const { hypervisor, emulator, context } = fixture;
      const userData = [
        '#cloud-config',
        '# a comment',
        'quoted: "0123"',
        'truth: "yes"',
        'colon: "a: b"',
        'nothing: "null"',
        'block: |',
        '  0123',
        'users: [default]',
        'packages: [curl]',
        'ssh_authorized_keys: []',
        '',
      ].join('\n');
      const spec = fixture.newSpec({ userData });
      await hypervisor.create(spec, context());
      const received = Lists.parse(parse(await emulator.userDataOf(spec.id), { schema: 'yaml-1.1' }));
      expect(received).toEqual({
        quoted: 0o123,
        truth: true,
        colon: 'a: b',
        nothing: 'null',
        block: '0123\n',
        users: ['default', 'default'],
        packages: ['curl', 'pollinate'],
        ssh_authorized_keys: [expect.stringMatching(/^ssh-ed25519 /)],
      });
      expect(SshPublicKey.safeParse(received.ssh_authorized_keys?.[0]).success).toBe(true);
    },
    TEST_TIMEOUT_MS,
  );
});
