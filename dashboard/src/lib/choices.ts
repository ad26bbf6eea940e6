// What somebody chose for this browser, besides the theme: kept in its storage, or for as long as the page where it has none.

let areOn: boolean | undefined;

/** Whether single keys do something. */
export function areKeysOn(): boolean {
  if (areOn === undefined) {
    try {
      areOn = localStorage.getItem('keys') !== 'off';
    } catch {
      areOn = true;
    }
  }
  return areOn;
}

export function turnKeys(isOn: boolean): void {
  areOn = isOn;
  try {
    if (isOn) localStorage.removeItem('keys');
    else localStorage.setItem('keys', 'off');
  } catch {
    // It lasts as long as the page, then.
  }
}
