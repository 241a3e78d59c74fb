/** Whether a mount's destination is /proc, however that is spelled. What a link of the image makes of it shows when it is resolved. */
export function isProc(destination: string): boolean {
  if (!destination.includes("proc")) return false;
  const parts: string[] = [];
  for (const part of destination.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.length === 1 && parts[0] === "proc";
}
