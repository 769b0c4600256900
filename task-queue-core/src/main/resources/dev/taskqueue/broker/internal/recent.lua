-- Reads the tasks that ended last; what no worker can have written is left out.
-- KEYS  1 recent
-- ARGV  1 how many at most
-- returns them, the latest first; nothing where the key has a wrong type
local reply, all = {}, redis.pcall('LRANGE', KEYS[1], 0, ARGV[1] - 1)
for _, text in ipairs(all.err and {} or all) do
  if #text <= 2048 then
    reply[#reply + 1] = text
  end
end
return reply
