import { provideVSCodeDesignSystem, vsCodeButton, vsCodeCheckbox } from '@vscode/webview-ui-toolkit';

/**
 * The elements of the toolkit in use. Its text field, dropdown and radio group are not: their label, description and error
 * cannot be tied to what is inside their shadow.
 */
export const registerToolkit = (): void => void provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeCheckbox());
