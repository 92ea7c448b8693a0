import type { SearchResult } from '@davit/api';
import type { ListDefinition } from '../list.ts';
import { ellipsis } from '../text.ts';

const longestDescription = 45;

/** What can be shown of a repository that was found. */
export function searchList({
  whole,
  isJson,
}: {
  whole: boolean;
  /** In JSON yes and no are words. */
  isJson: boolean;
}): ListDefinition<SearchResult> {
  const yes = (is: boolean) => (isJson ? String(is) : is ? '[OK]' : '');
  const describe = (text: string) => {
    const line = text.replace(/[\n\r]/g, ' ');
    return whole ? line : ellipsis(line, longestDescription);
  };
  return {
    goName: 'registry.searchContext',
    columns: {
      Name: { heading: 'NAME', of: ({ name }) => name },
      Description: { heading: 'DESCRIPTION', of: ({ description }) => describe(description ?? '') },
      StarCount: { heading: 'STARS', of: ({ star_count }) => String(star_count) },
      IsOfficial: { heading: 'OFFICIAL', of: ({ is_official }) => yes(is_official) },
    },
  };
}
