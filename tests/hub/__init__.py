"""Work goes round on a real JupyterHub: accounts of this machine, a browser, graders who share a course."""
