/** Folder of the custom resource definitions of others in the cache. */
export function foreignCrdsFolder(): string;

/** Whether they were fetched. */
export function hasForeignCrds(): boolean;

/** Fetches them: a download of about 10 MB. */
export function fetchForeignCrds(): void;

/** Paths of the definitions. Throws with the remedy when they were not fetched. */
export function foreignCrdFiles(): string[];
