import { balancerFiles } from "../config/balancer-mounts.ts";

/** Kubernetes renews a mounted Secret within a minute or two; looking more often finds nothing sooner. */
const lookSeconds = 20;

/**
 * HAProxy reads certificates at its start only. This looks at the mounted one again and again, and puts a renewed one in the
 * place of the one before, with no connection lost. One that does not fit its key is said so in the log, and tried again.
 */
export function renewalScript(): string {
  return `local certificate = "${balancerFiles.certificate}"
local key = "${balancerFiles.key}"

local function read(path)
  local file = io.open(path, "rb")
  if file == nil then return "" end
  local text = file:read("*a")
  file:close()
  return text
end

core.register_task(function()
  local taken = read(certificate) .. read(key)
  while true do
    core.sleep(${lookSeconds})
    local crt, pem = read(certificate), read(key)
    if crt ~= "" and pem ~= "" and crt .. pem ~= taken then
      -- Both in one text: given apart, they are read in any order, and a certificate forgets the key before it.
      local both = { filename = certificate, crt = crt .. "\\n" .. pem }
      local done, problem = pcall(CertCache.set, both)
      if done then
        taken = crt .. pem
        core.Info("took up the renewed certificate")
      else
        core.Alert("cannot take up the renewed certificate: " .. tostring(problem))
      end
    end
  end
end)
`;
}
