-- Reads a page of a list, from the end that is taken first, or of scheduled, next due first. It begins with the entry that the
-- page before named: where entries have left meanwhile that come before it, it lies nearer to the beginning than it did.
-- Needs stride
-- KEYS  1 a list, or scheduled
-- ARGV  1 how many entries of a list, or of the same score in scheduled, came before that entry, 2 its score (empty in a list),
--       3 its length, 4 the SHA-1 of its first 4 KiB (empty: no page was before), 5 how many to read at most, 6 after how
--       many bytes to stop, 7 the length of the longest entry to return
-- returns how many entries come before the page, then 1 to 4 as above of the entry that follows it (its SHA-1 is empty where
--         none does), and three per entry: its bytes (empty if it is too long), its score (empty in a list), its length
local call = redis.call
local key = KEYS[1]
local offset, score, length, sha = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]), ARGV[4]
local max, room, limit = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
-- As many may have been taken out of the page before.
local MOST_BACK = 2000
local kind = call('TYPE', key).ok
if kind ~= 'list' and kind ~= 'zset' then
  return { 0, 0, '', 0, '' }
end
local total = call(kind == 'list' and 'LLEN' or 'ZCARD', key)

-- Entries by how many come before them, each with its score.
local function read(first, last)
  if kind == 'zset' then
    return call('ZRANGE', key, first, last, 'WITHSCORES')
  end
  local page = call('LRANGE', key, -last - 1, -first - 1)
  local entries = {}
  for i = #page, 1, -1 do
    entries[#entries + 1] = page[i]
    entries[#entries + 1] = ''
  end
  return entries
end

local function earlier_scores(than)
  return kind == 'zset' and than ~= '' and call('ZCOUNT', key, '-inf', '(' .. than) or 0
end

local function hash(raw)
  return redis.sha1hex(string.sub(raw, 1, 4096))
end

-- Where the entry lies that was named, looked for from where it was towards the beginning.
local function find(floor)
  local last, looked, space, step = math.min(floor + offset, total - 1), 0, room, 1
  while last >= floor and looked < MOST_BACK and space > 0 do
    local first = math.max(floor, last - step + 1)
    local page = read(first, last)
    local bytes = 0
    for i = #page - 1, 1, -2 do
      if #page[i] == length and hash(page[i]) == sha then
        return first + (i - 1) / 2
      end
      bytes = bytes + #page[i]
    end
    looked = looked + step
    space = space - bytes
    last = first - 1
    step = stride(step, bytes, math.min(4 * step, 64))
  end
  -- Taken, and in a list with all that came before it.
  return floor
end

local from = sha == '' and 0 or find(earlier_scores(score))
local reply, count, step = { from, 0, '', 0, '' }, 0, 1
while count < max and room > 0 do
  local page = read(from + count, from + count + math.min(step, max - count) - 1)
  if #page == 0 then
    break
  end
  local bytes = 0
  for i = 1, #page, 2 do
    local raw = page[i]
    if room <= 0 then
      break
    end
    bytes = bytes + #raw
    room = room - #raw
    count = count + 1
    reply[#reply + 1] = #raw <= limit and raw or ''
    reply[#reply + 1] = page[i + 1]
    reply[#reply + 1] = #raw
  end
  step = stride(#page / 2, bytes, math.min(4 * step, 64))
end
local following = read(from + count, from + count)
if following[1] then
  reply[2] = from + count - earlier_scores(following[2])
  reply[3], reply[4], reply[5] = following[2], #following[1], hash(following[1])
end
return reply
