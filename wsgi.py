"""Where a WSGI server finds the application."""

from app.factory import create_app

app = create_app()
