const encoder = new TextEncoder()

/** `events`: [data, type, lastEventId], the latter two optional. */
function make(name, body, events, { retry = null, lastEventId } = {}) {
  const full = events.map(([data, type = 'message', id = '']) => [type, data, id])
  return {
    name,
    bytes: typeof body === 'string' ? encoder.encode(body) : Uint8Array.from(body),
    expected: JSON.stringify({ events: full, retry, lastEventId: lastEventId ?? full.at(-1)?.[2] ?? '' }),
  }
}

/** HTML 9.2.6, sentence by sentence. */
export const CASES = [
  make('one event', 'data: a\n\n', [['a']]),
  make('no space after the colon', 'data:a\n\n', [['a']]),
  make('only one space is dropped', 'data:   a\n\n', [['  a']]),
  make('a tab stays', 'data:\ta\n\n', [['\ta']]),
  make('spaces at the end stay', 'data: a  \n\n', [['a  ']]),
  make('data lines are joined with LF', 'data: a\ndata\ndata: b\n\n', [['a\n\nb']]),
  make('a leading empty data line counts', 'data:\ndata: a\n\n', [['\na']]),
  make('a trailing empty data line counts', 'data: a\ndata:\n\n', [['a\n']]),
  make('empty data is an event', 'data\n\n', [['']]),
  make('two empty data lines', 'data:\ndata:\n\n', [['\n']]),
  make('CR', 'data: a\rdata: b\r\rdata: c\r\r', [['a\nb'], ['c']]),
  make('CRLF', 'data: a\r\ndata: b\r\n\r\ndata: c\r\n\r\n', [['a\nb'], ['c']]),
  make('LF, then CRLF', 'data: a\n\r\ndata: b\n\n', [['a'], ['b']]),
  make('CR, then CRLF', 'data: a\r\r\ndata: b\n\n', [['a'], ['b']]),
  make('CRLF, then LF', 'data: a\r\n\ndata: b\n\n', [['a'], ['b']]),
  make('other line separators are text', 'data: a\u2028\u2029\u0085\v\fb\n\n', [
    ['a\u2028\u2029\u0085\v\fb'],
  ]),
  make('blank lines are no events', '\n\r\n\r\n\n\r\r', []),
  make('event type', 'event: x\ndata: 1\n\ndata: 2\n\n', [['1', 'x'], ['2']]),
  make('the last event type wins', 'event: x\nevent: y\ndata: 1\n\n', [['1', 'y']]),
  make('an empty event type is message', 'event: x\nevent\ndata: 1\n\n', [['1']]),
  make('an event type without data is forgotten', 'event: x\n\ndata: 1\n\n', [['1']]),
  make('id stays for later events', 'id: 1\ndata: a\n\ndata: b\n\n', [
    ['a', 'message', '1'],
    ['b', 'message', '1'],
  ]),
  make('an empty id resets', 'id: 1\ndata: a\n\nid\ndata: b\n\n', [['a', 'message', '1'], ['b']]),
  make('an id with NUL is ignored', 'id: 1\nid: 2\0\ndata: a\n\n', [['a', 'message', '1']]),
  make('a leading zero stays in an id', 'id: 007\ndata: a\n\n', [['a', 'message', '007']]),
  make('an id without data is kept', 'data: a\n\nid: 7\n\n', [['a']], { lastEventId: '7' }),
  make('an id is for the event after a block without data', 'id: 7\n\ndata: a\n\n', [['a', 'message', '7']]),
  make('an id of a block that is cut off is not', 'id: 1\ndata: a\n\nid: 2\ndata: b\n', [
    ['a', 'message', '1'],
  ]),
  make('comments', ': a\n:b\n:\ndata: c\n\n: d\n\n', [['c']]),
  make('field names are case-sensitive', 'Data: a\nDATA: b\ndata: c\n\n', [['c']]),
  make('a space makes another field', ' data: a\ndata : b\ndata: c\n\n', [['c']]),
  make('unknown fields', 'foo\ndatax: a\ndat: b\nfoo: c\ndata: d\n\n', [['d']]),
  make('colons in the value', 'data: a: b:c\n\n', [['a: b:c']]),
  make('retry', 'retry: 1000\ndata: a\n\n', [['a']], { retry: 1000 }),
  make('retry without data', 'retry: 1000\n\n', [], { retry: 1000 }),
  make('retry with letters', 'retry: 1000x\ndata: a\n\n', [['a']]),
  make('retry with a sign', 'retry: -1\nretry: +1\nretry: 1.5\nretry: 1e3\ndata: a\n\n', [['a']]),
  make('one BOM is dropped', '\uFEFFdata: a\n\n', [['a']]),
  make('a second BOM is not', '\uFEFF\uFEFFdata: a\n\ndata: b\n\n', [['b']]),
  make('a BOM later is text', 'data: \uFEFFa\n\n\uFEFFdata: b\n\n', [['\uFEFFa']]),
  make('characters of every length', 'data: aé€🙂\n\n', [['aé€🙂']]),
  make(
    'bytes that are no UTF-8',
    [100, 97, 116, 97, 58, 0xff, 0xc3, 0x28, 0xe2, 0x82, 10, 10],
    [['\uFFFD\uFFFD(\uFFFD']],
  ),
  make('NUL in data', 'data: a\0b\n\n', [['a\0b']]),
  make('an event without its blank line', 'data: a\n\ndata: b\n', [['a']]),
  make('a line without its end', 'data: a\n\ndata: b', [['a']]),
]
