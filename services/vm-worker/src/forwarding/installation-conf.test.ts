import { describe, expect, it } from '@jest/globals';
import { editInstallation, includesForwards, loadsStreamModule, mainValue } from './installation-conf.ts';
import { parseDirectives } from './nginx-syntax.ts';

const wish = { directory: '/etc/nginx', includeGlob: '/etc/nginx/golem.d/vm_*.conf', missingModule: undefined };
const include = '    include "/etc/nginx/golem.d/vm_*.conf";\n';
const added = `\n# Added by the golem provider: leads ssh to its VMs.\nstream {\n${include}}\n`;
const modulePath = '/usr/lib/nginx/modules/ngx_stream_module.so';

describe('editInstallation', () => {
  it.each([
    ['an empty block', 'events {}\nstream {\n}\n', `events {}\nstream {\n${include}}\n`],
    ['a block on one line', 'stream { server { listen 1; } }', `stream { server { listen 1; } \n${include}}`],
    [
      'a block with a comment before its end',
      'stream {\n  a b; # end }\n}\n',
      `stream {\n  a b; # end }\n${include}}\n`,
    ],
    ['an indented block', 'stream {\n  a b;\n  }\n', `stream {\n  a b;\n${include}  }\n`],
    [
      'the first of the main context only',
      'http { stream { } }\nstream {\n}\n',
      `http { stream { } }\nstream {\n${include}}\n`,
    ],
    ['no block', 'events { }\n', `events { }\n${added}`],
    ['no block and no last newline', 'events { } # end', `events { } # end\n${added}`],
    ['a block that is a comment', '#stream {\n#}\nevents { }\n', `#stream {\n#}\nevents { }\n${added}`],
    ['a block inside a string', `map $a $b { x "stream {"; }\n`, `map $a $b { x "stream {"; }\n${added}`],
    ['an include that is a comment', `stream {\n#${include}}\n`, `stream {\n#${include}${include}}\n`],
    [
      'an include of something else',
      'stream {\n  include /etc/nginx/golem.d/*.conf;\n}\n',
      `stream {\n  include /etc/nginx/golem.d/*.conf;\n${include}}\n`,
    ],
    ['an empty file', '', added],
  ])('adds the include to %s, once', (_, before, after) => {
    const edit = editInstallation(before, wish);
    expect(edit).toEqual({ conf: after, moduleFile: undefined });
    expect(() => parseDirectives(edit.conf)).not.toThrow();
    expect(editInstallation(edit.conf, wish)).toEqual(edit);
  });

  it.each([
    ['as we write it', `stream {\n${include}}\n`],
    ['relative to the directory', 'stream { include golem.d/vm_*.conf; }'],
    ['in single quotes', `stream { include '/etc/nginx/golem.d/vm_*.conf'; }`],
  ])('leaves an include alone that is there %s', (_, text) => {
    expect(includesForwards(text, wish)).toBe(true);
    expect(editInstallation(text, { ...wish, missingModule: modulePath })).toEqual({
      conf: text,
      moduleFile: undefined,
    });
  });

  it('loads the module before anything else where it is not loaded', () => {
    const { conf, moduleFile } = editInstallation('events { }\n', { ...wish, missingModule: modulePath });
    expect(conf).toBe(`load_module "${modulePath}";\nevents { }\n${added}`);
    expect(moduleFile).toBeUndefined();
  });

  it.each([['include /etc/nginx/modules-enabled/*.conf;\n'], ['include modules-enabled/*.conf;\n']])(
    'loads the module by a file of its own where the installation keeps such: %s',
    (text) => {
      expect(editInstallation(text, { ...wish, missingModule: modulePath })).toEqual({
        conf: text + added,
        moduleFile: {
          path: '/etc/nginx/modules-enabled/50-mod-stream.conf',
          text: `load_module "${modulePath}";\n`,
        },
      });
    },
  );

  it('refuses what is no configuration', () => {
    expect(() => editInstallation('stream {', wish)).toThrow(SyntaxError);
  });
});

describe('the dump of a configuration', () => {
  it.each([
    ['load_module modules/ngx_stream_module.so;', true],
    [`# configuration file /a:\nload_module "${modulePath}";\n`, true],
    ['# load_module modules/ngx_stream_module.so;', false],
    ['load_module modules/ngx_stream_geoip_module.so;', false],
  ])('tells whether the stream module is loaded: %s', (dump, expected) => {
    expect(loadsStreamModule(dump)).toBe(expected);
  });

  it('gives the value of a directive of the main context', () => {
    const text = '# pid /a;\nhttp { pid /b; }\npid "/run/c.pid";\n';
    expect([mainValue(text, 'pid'), mainValue(text, 'error_log')]).toEqual(['/run/c.pid', undefined]);
  });
});
