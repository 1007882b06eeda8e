import type { IRouter } from 'express';
import swaggerUi from 'swagger-ui-express';

/** Where the document and its page are, below the API's prefix. */
export interface ApiDocsPaths {
  /** Path of the OpenAPI document. */
  readonly document: string;
  /** Path of the page. */
  readonly page: string;
}

/**
 * Serves the OpenAPI document, which is made when it is first asked for, and the Swagger UI page that shows it; all that the
 * page loads comes from here.
 */
export function apiDocs(router: IRouter, openApiDocument: () => object, { document, page }: ApiDocsPaths): void {
  const options = {
    swaggerUrl: document,
    customSiteTitle: 'VM on Golem: provider API',
    // The validator is a service on the internet.
    swaggerOptions: { validatorUrl: null },
  };
  // Its links are relative to a path with a slash at the end; made absolute, the page works without one too.
  const html = swaggerUi.generateHTML(undefined, options).replaceAll('"./', `"${page}/`);
  let made: object | undefined;
  router.get(document, (_request, response) => {
    made ??= openApiDocument();
    response.json(made);
  });
  router.get(page, (_request, response) => {
    response.type('html').send(html);
  });
  router.use(page, swaggerUi.serveFiles(undefined, options));
}
