import * as vscode from 'vscode';
import { isJobFile } from './files.ts';
import type { Suggestion } from './suggestions.ts';

/** Completion and hover in job files in YAML: VS Code itself knows nothing of YAML. */

export const completion: vscode.CompletionItemProvider = {
  async provideCompletionItems(document, position, token) {
    if (!isJobFile(document)) return [];
    const [{ suggestionsAt }, { kindOf }, { usualOf }] = await Promise.all([
      import('./suggestions.ts'),
      import('./schema.ts'),
      import('./hover.ts'),
    ]);
    if (token.isCancellationRequested) return [];
    const found = suggestionsAt(document.getText(), document.offsetAt(position));
    if (!found) return [];
    const range = new vscode.Range(document.positionAt(found.word.from), document.positionAt(found.word.to));
    return found.suggestions.map((suggestion, i) => {
      const { kind, label, field, isDefault, insert, goesOn } = suggestion;
      const item = new vscode.CompletionItem(
        label,
        kind === 'field' ? vscode.CompletionItemKind.Property : vscode.CompletionItemKind.Value,
      );
      item.range = range;
      item.insertText = new vscode.SnippetString(insert);
      item.sortText = String(i).padStart(4, '0');
      item.detail = kind === 'field' ? kindOf(field) : isDefault ? vscode.l10n.t('default') : '';
      item.documentation = documentationOf(suggestion, usualOf(field));
      if (goesOn) item.command = { command: 'editor.action.triggerSuggest', title: vscode.l10n.t('Suggest') };
      return item;
    });
  },
};

function documentationOf({ kind, description }: Suggestion, usual: string | undefined): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  if (description !== undefined) text.appendText(description);
  if (kind === 'field' && usual !== undefined) text.appendMarkdown('\n\n').appendText(vscode.l10n.t('Default: {0}', usual));
  return text;
}

export const hover: vscode.HoverProvider = {
  async provideHover(document, position) {
    if (!isJobFile(document)) return undefined;
    const { hoverAt } = await import('./hover.ts');
    const found = hoverAt(document.getText(), 'yaml', document.offsetAt(position));
    if (!found) return undefined;
    const { span, name, kind, description, value, usual, choices } = found;
    const text = new vscode.MarkdownString(`**${name}** `).appendText(kind);
    for (const line of [
      description,
      value,
      usual && vscode.l10n.t('Default: {0}', usual),
      choices.length > 0 && vscode.l10n.t('One of: {0}', choices.join(', ')),
    ])
      if (line) text.appendMarkdown('\n\n').appendText(line);
    return new vscode.Hover(text, new vscode.Range(document.positionAt(span.from), document.positionAt(span.to)));
  },
};
